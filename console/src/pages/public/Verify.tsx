import { Page } from '~/ui/Page';

export default function Verify() {
  return <Page title="核验">{null}</Page>;
}
