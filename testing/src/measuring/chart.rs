//! Pictures for documents, in colours that can be read on white and on black.

use std::fs;
use std::path::Path;

use plotters::coord::combinators::IntoLogRange;
use plotters::coord::ranged1d::ValueFormatter;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::statistics::{Spread, short};

const TEXT: RGBColor = RGBColor(125, 133, 144);
const GRID: RGBAColor = RGBAColor(125, 133, 144, 0.25);
const PALETTE: [RGBColor; 8] = [
    RGBColor(224, 90, 43),
    RGBColor(63, 154, 91),
    RGBColor(110, 156, 224),
    RGBColor(66, 116, 196),
    RGBColor(150, 156, 164),
    RGBColor(190, 130, 50),
    RGBColor(160, 95, 190),
    RGBColor(40, 160, 165),
];

const WIDTH: u32 = 760;
const LABELS: i32 = 190;
const VALUES: i32 = 70;
const BAR: i32 = 15;
const GAP: i32 = 24;
const TOP: i32 = 34;

/// One bar of a picture: a median with a line from the 10th to the 90th
/// percentile.
pub struct Bar {
    /// The text in front of the bar.
    pub label: String,
    /// An index into the palette.
    pub color: usize,
    /// Length and range.
    pub spread: Spread,
}

/// One line of a picture.
pub struct Line {
    /// The text in the legend.
    pub label: String,
    /// Horizontal and vertical values.
    pub points: Vec<(f64, f64)>,
}

/// Draws groups of bars on a logarithmic scale.
pub fn bars(path: &Path, title: &str, groups: &[(String, Vec<Bar>)]) {
    make_room(path);
    let bars = || groups.iter().flat_map(|(_, bars)| bars);
    let rows = bars().count() as i32 * BAR + groups.len() as i32 * GAP;
    let height = (TOP + rows + 26) as u32;
    let lowest = bars()
        .map(|bar| bar.spread.p10)
        .fold(f64::INFINITY, f64::min);
    let highest = bars().map(|bar| bar.spread.p90).fold(0.0, f64::max);
    let (first, last) = (lowest.log10().floor() as i32, highest.log10().ceil() as i32);
    let width = WIDTH as i32 - LABELS - VALUES;
    let x = |value: f64| {
        let part = (value.log10() - f64::from(first)) / f64::from(last - first).max(1.0);
        LABELS + (part * f64::from(width)) as i32
    };
    let area = SVGBackend::new(path, (WIDTH, height)).into_drawing_area();
    let draw = || -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        area.draw(&Text::new(title, (8, 8), style(14, HPos::Left)))?;
        for exponent in first..=last {
            let value = 10f64.powi(exponent);
            let foot = (x(value), height as i32 - 20);
            area.draw(&PathElement::new(vec![(x(value), TOP), foot], GRID))?;
            let label = Text::new(value.to_string(), foot, style(11, HPos::Center));
            area.draw(&label)?;
        }
        let mut y = TOP;
        for (name, bars) in groups {
            area.draw(&Text::new(name.clone(), (8, y + 6), style(12, HPos::Left)))?;
            y += GAP;
            for bar in bars {
                let (middle, end) = (y + BAR / 2 - 1, x(bar.spread.median));
                let label = Text::new(bar.label.clone(), (LABELS - 6, y), style(12, HPos::Right));
                area.draw(&label)?;
                let body = [(LABELS, y), (end, y + BAR - 3)];
                area.draw(&Rectangle::new(body, PALETTE[bar.color].filled()))?;
                let range = [bar.spread.p10, bar.spread.p90].map(|value| (x(value), middle));
                area.draw(&PathElement::new(range.to_vec(), TEXT))?;
                let value = (x(bar.spread.p90).max(end) + 5, y);
                let text = short(bar.spread.median);
                area.draw(&Text::new(text, value, style(12, HPos::Left)))?;
                y += BAR;
            }
        }
        area.present()
    };
    draw().expect("the picture can be written");
}

/// Draws lines over two logarithmic scales.
pub fn lines(path: &Path, title: &str, x_label: &str, lines: &[Line]) {
    make_room(path);
    let points = || lines.iter().flat_map(|line| &line.points);
    let span = |values: &mut dyn Iterator<Item = f64>| {
        let (low, high) = values.fold((f64::INFINITY, 0f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        (
            10f64.powf(low.log10().floor()),
            10f64.powf(high.log10().ceil()),
        )
    };
    let x = span(&mut points().map(|point| point.0));
    let y = span(&mut points().map(|point| point.1));
    let area = SVGBackend::new(path, (WIDTH, 380)).into_drawing_area();
    let draw = || -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        let (plot, legend) = area.split_horizontally(WIDTH as i32 - 170);
        let mut chart = ChartBuilder::on(&plot)
            .caption(title, style(14, HPos::Left))
            .margin(8)
            .x_label_area_size(38)
            .y_label_area_size(52)
            .build_cartesian_2d((x.0..x.1).log_scale(), (y.0..y.1).log_scale())?;
        mesh(&mut chart, x_label)?;
        for (index, line) in lines.iter().enumerate() {
            let color = PALETTE[index % PALETTE.len()];
            chart.draw_series(LineSeries::new(line.points.clone(), color.stroke_width(2)))?;
            let dots = line
                .points
                .iter()
                .map(|at| Circle::new(*at, 3, color.filled()));
            chart.draw_series(dots)?;
            let top = 40 + index as i32 * 20;
            let mark = [(0, top), (16, top + 10)];
            legend.draw(&Rectangle::new(mark, color.filled()))?;
            let text = Text::new(line.label.clone(), (22, top - 1), style(12, HPos::Left));
            legend.draw(&text)?;
        }
        area.present()
    };
    draw().expect("the picture can be written");
}

fn mesh<'a, X, Y>(
    chart: &mut ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, Y>>,
    x_label: &str,
) -> Result<(), DrawingAreaErrorKind<std::io::Error>>
where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .label_style(style(11, HPos::Center))
        .axis_desc_style(style(12, HPos::Center))
        .x_label_formatter(&f64::to_string)
        .y_label_formatter(&f64::to_string)
        .x_desc(x_label)
        .y_desc("ms")
        .draw()
}

fn style(size: u32, side: HPos) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", size).into_font())
        .color(&TEXT)
        .pos(Pos::new(side, VPos::Top))
}

fn make_room(path: &Path) {
    let directory = path.parent().expect("it is in a directory");
    fs::create_dir_all(directory).expect("the directory can be made");
}
