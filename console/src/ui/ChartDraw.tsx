import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useTheme } from '~/state/prefs';
import { fontText, tokens } from '~/theme';

echarts.use([BarChart, LineChart, ScatterChart, GridComponent, TooltipComponent, LegendComponent, MarkLineComponent, AriaComponent, SVGRenderer]);

export default function ChartDraw({ option, height, label }: { option: object; height: number; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const mode = useTheme();
  useEffect(() => {
    if (!box.current) return;
    const c = tokens(mode);
    const axis = { axisLine: { lineStyle: { color: c.lineStrong } }, axisLabel: { color: c.ink2 }, splitLine: { lineStyle: { color: c.line } }, nameTextStyle: { color: c.ink2 } };
    echarts.registerTheme('nacre', {
      color: [c.series1, c.series2, c.series3, c.series4, c.series5], textStyle: { fontFamily: fontText, color: c.ink }, categoryAxis: { ...axis, splitLine: { show: false } }, valueAxis: axis, timeAxis: axis,
      legend: { textStyle: { color: c.ink2 } }, tooltip: { backgroundColor: c.raised, borderColor: c.line, textStyle: { color: c.ink, fontSize: 13 } },
    });
    const chart = echarts.init(box.current, 'nacre', { renderer: 'svg', height });
    chart.setOption({ animation: false, ...option });
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [option, height, mode]);
  return <div ref={box} style={{ height, width: '100%' }} role="img" aria-label={label} />;
}
