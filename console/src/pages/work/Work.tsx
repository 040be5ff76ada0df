import { Page } from '~/ui/Page';

export default function Work() {
  return <Page title="我的工作">{null}</Page>;
}
