import { useEffect, useRef } from 'react';
import { useTranslation } from '~/i18n';
import { places } from './places';

export function Keys({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const rows: [string, string][] = [
    ['Ctrl K · ⌘ K · /', t('shell.keys.palette')], ['?', t('shell.keys.help')], ['t', t('shell.keys.time')], ['Esc', t('shell.keys.esc')],
    ...places.filter((p) => p.quick).map<[string, string]>((p) => [`g ${p.quick}`, t(`shell.place.${p.key}`)]),
  ];
  return (
    <dialog ref={dialog} className="keys" aria-labelledby="keys-title" onClose={close} onClick={(e) => e.target === dialog.current && close()} data-testid="keys">
      <h2 id="keys-title">{t('shell.keys.title')}</h2>
      <dl>{rows.map(([key, what]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}</dl>
      <button type="button" className="btn" onClick={close}>{t('common.close')}</button>
    </dialog>
  );
}
