import type { ReactNode } from 'react';
import { onFlag, onSegment } from '~/access/places';
import { useMay } from '~/access/useMay';
import { EditContext, EditPlaceContext, useEditing, useEditPlace } from './editing';

/** A part of a flag's targeting that takes an action of its own: without it, it is read only. */
export function FlagPart({ action, children }: { action: string; children: ReactNode }) {
  const editing = useEditing();
  const { project, env, flag } = editing;
  const { allowed, refusal } = useMay(onFlag(action, project, env, flag.key));
  const readOnly = editing.readOnly || allowed === false;
  return (
    <EditPlaceContext value={{ project, env, readOnly, refusal: editing.readOnly ? undefined : refusal }}>
      <EditContext value={{ ...editing, readOnly }}>{children}</EditContext>
    </EditPlaceContext>
  );
}

/** The same of a segment. */
export function SegmentPart({
  action,
  segment,
  children,
}: {
  action: string;
  segment: string;
  children: ReactNode;
}) {
  const place = useEditPlace();
  const { allowed, refusal } = useMay(onSegment(action, place.project, place.env, segment));
  const readOnly = place.readOnly || allowed === false;
  return (
    <EditPlaceContext value={{ ...place, readOnly, refusal: place.readOnly ? undefined : refusal }}>
      {children}
    </EditPlaceContext>
  );
}
