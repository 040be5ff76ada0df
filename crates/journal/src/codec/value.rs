//! Values and geometries.

use nacre_model::{Geometry, Position, Value};

use super::CodecError;
use super::read::Reader;
use super::write::Writer;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const TEXT: u8 = 5;
const LIST: u8 = 6;
const MAP: u8 = 7;

/// Writes a value.
pub fn write(w: &mut Writer, value: &Value) {
    match value {
        Value::Null => w.u8(NULL),
        Value::Bool(false) => w.u8(FALSE),
        Value::Bool(true) => w.u8(TRUE),
        Value::Int(n) => {
            w.u8(INT);
            w.signed(*n);
        }
        Value::Float(n) => {
            w.u8(FLOAT);
            w.float(*n);
        }
        Value::Text(text) => {
            w.u8(TEXT);
            w.text(text);
        }
        Value::List(items) => {
            w.u8(LIST);
            w.list(items, write);
        }
        Value::Map(members) => {
            w.u8(MAP);
            w.list(members, |w, (name, value)| {
                w.text(name);
                write(w, value);
            });
        }
    }
}

/// Reads a value.
pub fn read(r: &mut Reader<'_>) -> Result<Value, CodecError> {
    r.nested(|r| match r.u8()? {
        NULL => Ok(Value::Null),
        FALSE => Ok(Value::Bool(false)),
        TRUE => Ok(Value::Bool(true)),
        INT => r.signed().map(Value::Int),
        FLOAT => {
            let n = r.float()?;
            if n.is_finite() { Ok(Value::Float(n)) } else { Err(r.malformed("a number that is not finite")) }
        }
        TEXT => r.text().map(|t| Value::Text(t.into())),
        LIST => r.list(read).map(Value::List),
        MAP => r.list(|r| Ok((r.text()?.into(), read(r)?))).map(Value::Map),
        _ => Err(r.malformed("an unknown kind of value")),
    })
}

const POINT: u8 = 0;
const MULTI_POINT: u8 = 1;
const LINE_STRING: u8 = 2;
const MULTI_LINE_STRING: u8 = 3;
const POLYGON: u8 = 4;
const MULTI_POLYGON: u8 = 5;
const COLLECTION: u8 = 6;

fn write_position(w: &mut Writer, p: &Position) {
    w.float(p.longitude);
    w.float(p.latitude);
    w.option(p.altitude, Writer::float);
}

fn read_position(r: &mut Reader<'_>) -> Result<Position, CodecError> {
    Ok(Position { longitude: r.float()?, latitude: r.float()?, altitude: r.option(Reader::float)? })
}

fn write_line(w: &mut Writer, line: &[Position]) {
    w.list(line, write_position);
}

fn read_line(r: &mut Reader<'_>) -> Result<Vec<Position>, CodecError> {
    r.list(read_position)
}

/// Writes a geometry.
pub fn write_geometry(w: &mut Writer, geometry: &Geometry) {
    match geometry {
        Geometry::Point(p) => {
            w.u8(POINT);
            write_position(w, p);
        }
        Geometry::MultiPoint(ps) => {
            w.u8(MULTI_POINT);
            write_line(w, ps);
        }
        Geometry::LineString(ps) => {
            w.u8(LINE_STRING);
            write_line(w, ps);
        }
        Geometry::MultiLineString(lines) => {
            w.u8(MULTI_LINE_STRING);
            w.list(lines, |w, line| write_line(w, line));
        }
        Geometry::Polygon(rings) => {
            w.u8(POLYGON);
            w.list(rings, |w, ring| write_line(w, ring));
        }
        Geometry::MultiPolygon(polygons) => {
            w.u8(MULTI_POLYGON);
            w.list(polygons, |w, rings| w.list(rings, |w, ring| write_line(w, ring)));
        }
        Geometry::Collection(all) => {
            w.u8(COLLECTION);
            w.list(all, write_geometry);
        }
    }
}

/// Reads a geometry.
pub fn read_geometry(r: &mut Reader<'_>) -> Result<Geometry, CodecError> {
    r.nested(|r| match r.u8()? {
        POINT => read_position(r).map(Geometry::Point),
        MULTI_POINT => read_line(r).map(Geometry::MultiPoint),
        LINE_STRING => read_line(r).map(Geometry::LineString),
        MULTI_LINE_STRING => r.list(read_line).map(Geometry::MultiLineString),
        POLYGON => r.list(read_line).map(Geometry::Polygon),
        MULTI_POLYGON => r.list(|r| r.list(read_line)).map(Geometry::MultiPolygon),
        COLLECTION => r.list(read_geometry).map(Geometry::Collection),
        _ => Err(r.malformed("an unknown kind of geometry")),
    })
}
