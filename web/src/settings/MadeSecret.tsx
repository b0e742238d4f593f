import { Alert } from '@mantine/core';
import { useText } from '~/i18n/text';
import { CodeBlock } from '~/ui/CodeBlock';

/** A secret that is shown once. */
export function MadeSecret({
  title,
  value,
  what,
  close,
}: {
  title: string;
  value: string;
  what: string;
  close: () => void;
}) {
  const t = useText();
  return (
    <Alert
      color="sea"
      variant="light"
      m="md"
      title={title}
      withCloseButton
      closeButtonLabel={t('Close')}
      onClose={close}
    >
      <CodeBlock text={value} what={what} />
    </Alert>
  );
}
