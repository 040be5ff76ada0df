import { Page } from '~/ui/Page';

export default function Edit() {
  return <Page title="编辑">{null}</Page>;
}
