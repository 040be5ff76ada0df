// A new device. Its password is shown once; the question stays open until somebody says it is kept.
import { CopyOutlined, KeyOutlined } from '@ant-design/icons';
import { useState } from 'react';
import type { Credential, Feed, Registered } from '~/api/devices';
import { post, useVerb } from '~/api/client';
import { useTranslation } from '~/i18n';
import { To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { Ask } from '../alerts/bits';
import { DeviceForm, type DeviceInput } from './DeviceForm';

export function Register({ feeds, close }: { feeds: Feed[]; close: () => void }) {
  const { t } = useTranslation();
  const send = useVerb((input: DeviceInput) => post<Registered>('/api/devices', input));
  const topic = feeds.find((f) => f.id === send.variables?.feed)?.topic;
  if (send.data) return <Ask title={t('devices.registered')} close={close} keep><Secret of={send.data.credential} topic={send.data.device.topic ?? topic ?? null} done={close} link={`/devices/${encodeURIComponent(send.data.device.id)}`} /></Ask>;
  return <Ask title={t('devices.register')} close={close} testid="register"><DeviceForm feeds={feeds} send={send.mutate} busy={send.isPending} error={send.error} close={close} word={t('devices.register')} /></Ask>;
}

export function Secret({ of, topic, done, link }: { of: Credential; topic: string | null; done: () => void; link?: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard?.writeText(of.password).then(() => setCopied(true), toast.error) ?? undefined;
  };
  return (
    <div className="form secret" data-testid="secret">
      <p><KeyOutlined /> <strong>{t('devices.once')}</strong> {t('devices.onceHow')}</p>
      <dl className="facts">
        <div><dt>{t('devices.username')}</dt><dd><code>{of.username}</code></dd></div>
        <div><dt>{t('devices.password')}</dt><dd className="secret-row"><code data-testid="password">{of.password}</code><button type="button" className="btn small" onClick={copy} data-testid="password-copy"><CopyOutlined /> {t(copied ? 'common.copied' : 'common.copy')}</button></dd></div>
        {topic && <div><dt>{t('devices.topic')}</dt><dd><code>{topic}</code></dd></div>}
      </dl>
      <div className="row">{link && <To className="btn" href={link}>{t('devices.toDevice')}</To>}<button type="button" className="btn primary" onClick={done} data-testid="secret-kept">{t('devices.kept')}</button></div>
    </div>
  );
}
