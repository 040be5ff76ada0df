import { Page } from '~/ui/Page';

export default function Cockpit() {
  return <Page title="驾驶舱">{null}</Page>;
}
