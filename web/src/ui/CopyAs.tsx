import { Button, Collapse, SegmentedControl, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight, IconCode } from '@tabler/icons-react';
import { useState } from 'react';
import { useText } from '~/i18n/text';
import { CodeBlock } from './CodeBlock';
import { asCli, asCurl, type Call } from './calls';

/** The change a dialog is about to make, for those who would rather have it in a script. */
export function CopyAs({ call, terraform }: { call: Call; terraform?: string }) {
  const t = useText();
  const [open, { toggle }] = useDisclosure(false);
  const [form, setForm] = useState('api');
  const text =
    form === 'cli' ? asCli(call) : form === 'terraform' ? (terraform ?? '') : asCurl(call, location.origin);
  const forms = [
    { value: 'api', label: t('API call') },
    // It has no command that sends files.
    ...(call.form ? [] : [{ value: 'cli', label: t('CLI') }]),
    ...(terraform ? [{ value: 'terraform', label: 'Terraform' }] : []),
  ];
  return (
    <Stack gap="xs">
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        onClick={toggle}
        aria-expanded={open}
        leftSection={<IconCode size={15} />}
        rightSection={open ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
        style={{ alignSelf: 'flex-start' }}
      >
        {t('As code')}
      </Button>
      <Collapse in={open}>
        <Stack gap="xs">
          <SegmentedControl
            size="xs"
            data={forms}
            value={form}
            onChange={setForm}
            style={{ alignSelf: 'flex-start' }}
            aria-label={t('Form of the code')}
          />
          {open && <CodeBlock text={text} what={t('the change as code')} />}
        </Stack>
      </Collapse>
    </Stack>
  );
}
