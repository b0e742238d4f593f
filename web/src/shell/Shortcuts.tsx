import { Kbd, Modal, Table } from '@mantine/core';
import { useText } from '~/i18n/text';

export function Shortcuts({ close }: { close: () => void }) {
  const t = useText();
  const keys: [string[], string][] = [
    [['Ctrl', 'K'], t('Go to a flag, a page or an action')],
    [['/'], t('Search in the list of the page')],
    [['J'], t('Next flag of the list')],
    [['K'], t('Previous flag of the list')],
    [['↵'], t('Open the flag')],
    [['C'], t('Create a flag')],
    [['Ctrl', 'S'], t('Review and save what is staged')],
    [['?'], t('This page')],
  ];
  return (
    <Modal
      opened
      onClose={close}
      title={t('Keyboard shortcuts')}
      closeButtonProps={{ 'aria-label': t('Close') }}
    >
      <Table>
        <Table.Tbody>
          {keys.map(([combination, meaning]) => (
            <Table.Tr key={meaning}>
              <Table.Td w={130}>
                {combination.map((key, index) => (
                  <span key={key}>
                    {index > 0 && ' + '}
                    <Kbd>{key}</Kbd>
                  </span>
                ))}
              </Table.Td>
              <Table.Td>{meaning}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
