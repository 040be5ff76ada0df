import { Page } from '~/ui/Page';

export default function Comments() {
  return <Page title="公众意见">{null}</Page>;
}
