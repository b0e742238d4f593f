import { Textarea } from '@mantine/core';
import { useText } from '~/i18n/text';

interface Props {
  value: string;
  change: (value: string) => void;
  /** Whether the environment wants one with every change. */
  required: boolean;
  /** Where one begins to type. */
  focus?: boolean;
}

/** Why something is changed. */
export function CommentField({ value, change, required, focus }: Props) {
  const t = useText();
  return (
    <Textarea
      label={t('Comment')}
      description={t('Why? It stands in the history.')}
      required={required}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      autosize
      minRows={2}
      data-autofocus={focus}
    />
  );
}
