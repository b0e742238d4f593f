import type { ReactNode } from 'react';
import type { Needs } from '~/access/questions';
import type { Call } from '~/ui/calls';
import { ConfirmDialog } from './ConfirmDialog';
import { DangerStep } from './DangerStep';

interface Props<A> {
  /** What it would do. */
  text: string;
  /** What the button beside it says. */
  label: string;
  needs: Needs | Needs[];
  /** What is asked before, and the button that answers it. */
  asked: { title: string; text: string; label: string; danger?: boolean; children?: ReactNode };
  call: Call<A>;
  done?: (answer: A) => void;
}

/** Something that is done rarely and can be taken back: said in a sentence, confirmed, done. */
export function ConfirmStep<A>({ text, label, needs, asked, call, done }: Props<A>) {
  return (
    <DangerStep
      {...{ text, label, needs }}
      dialog={(close) => <ConfirmDialog {...asked} {...{ needs, call, done, close }} />}
    />
  );
}
