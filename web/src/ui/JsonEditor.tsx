import { Skeleton } from '@mantine/core';
import { Suspense } from 'react';
import { JsonEditorField } from './fetched';

export interface JsonEditorProps {
  value: string;
  onChange?: (value: string) => void;
  label: string;
  minHeight?: string;
  maxHeight?: string;
  /** Without numbers of lines, for a short value among other fields. */
  plain?: boolean;
}

/** JSON with colours and errors where they are. It is fetched when it is first needed. */
export function JsonEditor(props: JsonEditorProps) {
  return (
    <Suspense fallback={<Skeleton h={props.minHeight ?? '120px'} />}>
      <JsonEditorField {...props} />
    </Suspense>
  );
}
