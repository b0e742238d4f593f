import { useText } from '~/i18n/text';
import { Block } from './Block';
import { same } from '~/forms/threeWay';
import { useEditing } from './editing';
import { MatchCount } from './MatchCount';
import { Notes } from './Notes';
import { ServeEditor } from './ServeEditor';

/** What everybody else gets while the flag is on. */
export function DefaultRule() {
  const t = useText();
  const { draft, base, set } = useEditing();
  return (
    <Block
      title={t('Default rule: everybody else')}
      changed={!same(draft.fallthrough, base.fallthrough)}
      end={<MatchCount of={(matches) => matches.fallthrough} />}
      notes={<Notes below="/fallthrough" />}
    >
      <ServeEditor
        name={t('Default rule')}
        serve={draft.fallthrough}
        change={(fallthrough) => set((old) => ({ ...old, fallthrough }))}
      />
    </Block>
  );
}
