import { Page } from '~/ui/Page';

export default function Create() {
  return <Page title="新建">{null}</Page>;
}
