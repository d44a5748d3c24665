//! How the page looks.

/// Its style sheet.
pub(super) const SHEET: &str = r"
* { box-sizing: border-box; margin: 0 }
body { font: 12px/1.3 'DejaVu Sans', sans-serif; color: #1d2330; background: #f2f4f7; padding: 16px; width: 1600px }
header { margin-bottom: 8px }
h1 { font-size: 20px }
header p { color: #4a5364 }
main { display: grid; grid-template-columns: repeat(24, 1fr); grid-auto-rows: 38px }
h2 { font-size: 14px; align-self: end; padding-bottom: 4px }
.panel { background: #fff; border: 1px solid #d8dde6; border-radius: 3px; margin: 0 8px 8px 0; padding: 6px 9px; overflow: hidden }
h3 { font-size: 12.5px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
.said { color: #6b7486; font-size: 10.5px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; margin-bottom: 3px }
.none { color: #8a93a3; font-size: 15px; text-align: center; padding-top: 2.2em }
.small .none { padding-top: 1.4em }
svg { display: block }
svg text { font: 10px 'DejaVu Sans', sans-serif; fill: #6b7486 }
.legend { width: 100%; border-collapse: collapse; font-size: 10.5px; margin-top: 2px }
.legend td { padding: 0 4px 0 0; white-space: nowrap; height: 15px }
.legend td:first-child { max-width: 0; width: 99%; overflow: hidden; text-overflow: ellipsis }
.legend td + td { text-align: right; color: #4a5364; padding-left: 10px }
.legend .more { color: #8a93a3 }
.legend thead td { color: #8a93a3 }
.key { display: inline-block; width: 10px; height: 3px; margin: 0 5px 3px 0 }
.words { display: flex; gap: 14px; font-size: 10.5px; margin-top: 3px }
.words .key { height: 9px; margin-bottom: 0 }
.number { font-size: 27px; line-height: 1.15; font-weight: 600; text-align: center; padding-top: 2px; white-space: nowrap }
.many .number { font-size: 15px }
.numbers { display: flex; flex-wrap: wrap; justify-content: space-around }
.name { text-align: center; font-size: 10.5px; color: #6b7486 }
.bar { display: grid; grid-template-columns: 45% 1fr 78px; gap: 8px; align-items: center; height: 22px; font-size: 11px }
.bar span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.bar div { background: #edf0f4; height: 14px }
.bar i { display: block; height: 100% }
.bar b { font-weight: 600; text-align: right; white-space: nowrap }
.table { width: 100%; border-collapse: collapse; font-size: 11.5px }
.table th { text-align: left; color: #4a5364; border-bottom: 1px solid #d8dde6; padding: 3px 8px }
.table td { border-bottom: 1px solid #edf0f4; padding: 3px 8px }
.table td.value, .table th.value { text-align: right }
";
