//! Chinese map datums, converted at the edge and never stored (invariant 8).
//!
//! GCJ-02 is what Chinese map services show, BD-09 what Baidu shows. The forward formulas are the published
//! ones (semi-major axis 6378245 m, e² 0.00669342162296594323); the inverse is found by iteration, because the
//! one-step inverse is off by metres. Outside China GCJ-02 equals WGS84.

use std::f64::consts::PI;

use crate::geometry::Position;

/// In which datum a coordinate is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Datum {
    /// WGS84; CGCS2000 agrees with it to centimetres.
    #[default]
    Wgs84,
    /// The national offset datum.
    Gcj02,
    /// Baidu's offset on top of GCJ-02.
    Bd09,
}

impl Datum {
    /// Reads a datum's name as people write it.
    pub fn parse(text: &str) -> Option<Datum> {
        match text.to_ascii_uppercase().replace(['-', '_', ' '], "").as_str() {
            "WGS84" | "CGCS2000" | "EPSG:4326" | "EPSG4326" | "EPSG:4490" | "EPSG4490" => Some(Datum::Wgs84),
            "GCJ02" => Some(Datum::Gcj02),
            "BD09" | "BD09LL" => Some(Datum::Bd09),
            _ => None,
        }
    }

    /// The position in WGS84.
    pub fn to_wgs84(self, p: Position) -> Position {
        let (lon, lat) = match self {
            Datum::Wgs84 => return p,
            Datum::Gcj02 => gcj02_to_wgs84(p.longitude, p.latitude),
            Datum::Bd09 => {
                let (lon, lat) = bd09_to_gcj02(p.longitude, p.latitude);
                gcj02_to_wgs84(lon, lat)
            }
        };
        Position { longitude: lon, latitude: lat, altitude: p.altitude }
    }
}

const AXIS: f64 = 6_378_245.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;

/// The rough box outside which the offset is not applied, as map services do it.
fn outside_china(lon: f64, lat: f64) -> bool {
    !(72.004..=137.8347).contains(&lon) || !(0.8293..=55.8271).contains(&lat)
}

/// WGS84 to GCJ-02, longitude and latitude in degrees.
pub fn wgs84_to_gcj02(lon: f64, lat: f64) -> (f64, f64) {
    if outside_china(lon, lat) {
        return (lon, lat);
    }
    let (x, y) = (lon - 105.0, lat - 35.0);
    let wave = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let d_lat = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + wave
        + (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let d_lon = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + wave
        + (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let rad = lat.to_radians();
    let magic = 1.0 - ECCENTRICITY_SQUARED * rad.sin().powi(2);
    let root = magic.sqrt();
    let lat_step = d_lat * 180.0 / ((AXIS * (1.0 - ECCENTRICITY_SQUARED)) / (magic * root) * PI);
    let lon_step = d_lon * 180.0 / (AXIS / root * rad.cos() * PI);
    (lon + lon_step, lat + lat_step)
}

/// GCJ-02 to WGS84 by iteration; the remaining error is far below a millimetre.
pub fn gcj02_to_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    let (mut x, mut y) = (lon, lat);
    for _ in 0..10 {
        let (gx, gy) = wgs84_to_gcj02(x, y);
        let (dx, dy) = (lon - gx, lat - gy);
        (x, y) = (x + dx, y + dy);
        if dx.abs() < 1e-11 && dy.abs() < 1e-11 {
            break;
        }
    }
    (x, y)
}

const BD_TURN: f64 = PI * 3000.0 / 180.0;

/// GCJ-02 to BD-09.
pub fn gcj02_to_bd09(lon: f64, lat: f64) -> (f64, f64) {
    let z = lon.hypot(lat) + 0.000_02 * (lat * BD_TURN).sin();
    let theta = lat.atan2(lon) + 0.000_003 * (lon * BD_TURN).cos();
    (z * theta.cos() + 0.0065, z * theta.sin() + 0.006)
}

/// BD-09 to GCJ-02 by iteration.
pub fn bd09_to_gcj02(lon: f64, lat: f64) -> (f64, f64) {
    let (mut x, mut y) = (lon - 0.0065, lat - 0.006);
    for _ in 0..10 {
        let (bx, by) = gcj02_to_bd09(x, y);
        (x, y) = (x + lon - bx, y + lat - by);
    }
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: (f64, f64), b: (f64, f64), tolerance: f64) {
        assert!((a.0 - b.0).abs() < tolerance && (a.1 - b.1).abs() < tolerance, "{a:?} is not {b:?}");
    }

    #[test]
    fn published_vectors_hold_to_a_billionth_of_a_degree() {
        // latitude, longitude → latitude, longitude
        let vectors = [
            ((31.1774276, 121.5272106), (31.175_303_983_645_97, 121.531_541_859_215)),
            ((22.543847, 113.912316), (22.540_796_131_694_766, 113.917_176_480_836_3)),
            ((39.911954, 116.377817), (39.913_345_455_360_69, 116.384_047_224_554_57)),
        ];
        for ((lat, lon), (g_lat, g_lon)) in vectors {
            close(wgs84_to_gcj02(lon, lat), (g_lon, g_lat), 1e-9);
            close(gcj02_to_wgs84(g_lon, g_lat), (lon, lat), 1e-9);
        }
        close(wgs84_to_gcj02(116.404, 39.915), (116.410_244_499_169_38, 39.916_404_281_501_64), 1e-9);
        close(gcj02_to_bd09(116.404, 39.915), (116.410_369_493_710_29, 39.921_336_993_510_21), 1e-9);
        close(bd09_to_gcj02(116.410_369_493_710_29, 39.921_336_993_510_21), (116.404, 39.915), 1e-9);
    }

    #[test]
    fn the_shift_in_haizhu_is_half_a_kilometre() {
        let (lon, lat) = wgs84_to_gcj02(113.31914, 23.10899);
        let (east, north) = ((lon - 113.31914) * 102_400.0, (lat - 23.10899) * 110_600.0);
        assert!((east - 554.0).abs() < 15.0 && (north + 289.0).abs() < 15.0, "{east} m, {north} m");
    }
}
