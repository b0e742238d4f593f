import { Kbd, Modal, Table } from '@mantine/core';
import { useText } from '~/i18n/text';
import classes from './Shortcuts.module.css';

const MOD = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl';

export function Shortcuts({ close }: { close: () => void }) {
  const t = useText();
  const groups: { label: string; keys: [string[], string][] }[] = [
    {
      label: t('Everywhere'),
      keys: [
        [[MOD, 'K'], t('Go to anything by name, or do it')],
        [['/'], t('Search in the list of the page')],
        [['Esc'], t('Close what is open')],
        [['?'], t('This page')],
      ],
    },
    {
      label: t('In every list'),
      keys: [
        [['J'], t('Next row')],
        [['K'], t('Previous row')],
        [['↵'], t('Open the row')],
      ],
    },
    {
      label: t('In the list of flags'),
      keys: [
        [['X'], t('Choose the flag, to change many at once')],
        [['C'], t('Create a flag')],
      ],
    },
    {
      label: t('In targeting'),
      keys: [
        [[MOD, 'S'], t('Review and save what is staged')],
        [[t('Space')], t('Take up the rule at its grip, and put it down')],
        [['↑', '↓'], t('Move the rule that was taken up')],
      ],
    },
  ];
  return (
    <Modal
      opened
      onClose={close}
      title={t('Keyboard shortcuts')}
      closeButtonProps={{ 'aria-label': t('Close') }}
    >
      {groups.map(({ label, keys }) => (
        <Table key={label} mb="md" captionSide="top" aria-label={label}>
          <Table.Caption className={classes.caption}>{label}</Table.Caption>
          <Table.Tbody>
            {keys.map(([combination, meaning]) => (
              <Table.Tr key={meaning}>
                <Table.Td w={116}>
                  <span className={classes.keys}>
                    {combination.map((key) => (
                      <Kbd key={key} size="xs">
                        {key}
                      </Kbd>
                    ))}
                  </span>
                </Table.Td>
                <Table.Td>{meaning}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      ))}
    </Modal>
  );
}
