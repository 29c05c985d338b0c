//! Rows of a Parquet file as JSON, to be parsed like lines: columns have the names of the fields.

use std::fs::File;

use jiff::Timestamp;
use parquet::errors::ParquetError;
use parquet::file::reader::SerializedFileReader;
use parquet::record::{Field, Row};
use serde_json::{Map, Number, Value};

/// All rows of a file, in its order.
pub(super) fn rows(file: File) -> Result<impl Iterator<Item = Result<Value, ParquetError>>, ParquetError> {
    let rows = SerializedFileReader::new(file)?.into_iter();
    Ok(rows.map(|row| Ok(object(&row?))))
}

fn object(row: &Row) -> Value {
    let fields = row.get_column_iter().filter(|(_, field)| !matches!(field, Field::Null));
    let named = fields.map(|(name, field)| (name.clone(), value(field)));
    Value::Object(named.collect::<Map<_, _>>())
}

/// Lines have no decimals, dates and maps: they become null, and parsing names the missing field.
fn value(field: &Field) -> Value {
    match field {
        Field::Bool(flag) => Value::Bool(*flag),
        Field::Byte(number) => Value::from(*number),
        Field::Short(number) => Value::from(*number),
        Field::Int(number) => Value::from(*number),
        Field::Long(number) => Value::from(*number),
        Field::UByte(number) => Value::from(*number),
        Field::UShort(number) => Value::from(*number),
        Field::UInt(number) => Value::from(*number),
        Field::ULong(number) => Value::from(*number),
        Field::Float(number) => decimal(f64::from(*number)),
        Field::Double(number) => decimal(*number),
        Field::Str(text) => Value::String(text.clone()),
        Field::TimestampMillis(at) => moment(Timestamp::from_millisecond(*at)),
        Field::TimestampMicros(at) => moment(Timestamp::from_microsecond(*at)),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::Group(row) => object(row),
        _ => Value::Null,
    }
}

fn decimal(number: f64) -> Value {
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

fn moment(at: Result<Timestamp, jiff::Error>) -> Value {
    at.map_or(Value::Null, |at| Value::String(at.to_string()))
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use parquet::basic::Compression;
    use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use serde_json::json;

    use super::*;

    const SCHEMA: &str = "message line {
        required binary account_id (UTF8);
        required binary title_id (UTF8);
        required int64 at (TIMESTAMP(MILLIS, true));
        required double watched_share;
        optional boolean liked;
        optional group genres (LIST) { repeated group list { required binary element (UTF8); } }
    }";

    /// Writes two rows; the second one has no `liked`.
    pub(in super::super) fn write(path: &Path) {
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
        let file = File::create(path).unwrap();
        let mut file = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
        let mut group = file.next_row_group().unwrap();
        let texts = |texts: [&str; 2]| texts.map(ByteArray::from);

        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<ByteArrayType>()
            .write_batch(&texts(["p1", "p2"]), None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<ByteArrayType>()
            .write_batch(&texts(["a", "b"]), None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let times = [1_767_225_600_000, 1_767_225_600_500];
        column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<DoubleType>()
            .write_batch(&[0.25, 1.0], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<BoolType>()
            .write_batch(&[true], Some(&[1, 0]), None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let (defined, repeated) = ([2, 2, 0], [0, 1, 0]);
        let genres = texts(["drama", "comedy"]);
        column
            .typed::<ByteArrayType>()
            .write_batch(&genres, Some(&defined), Some(&repeated))
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
        file.close().unwrap();
    }

    #[test]
    fn rows_equal_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        write(&path);

        let rows: Vec<Value> = rows(File::open(&path).unwrap()).unwrap().map(Result::unwrap).collect();

        assert_eq!(
            rows,
            [
                json!({ "account_id": "p1", "title_id": "a", "at": "2026-01-01T00:00:00Z", "watched_share": 0.25,
                    "liked": true, "genres": ["drama", "comedy"] }),
                json!({ "account_id": "p2", "title_id": "b", "at": "2026-01-01T00:00:00.5Z", "watched_share": 1.0 }),
            ]
        );
    }

    #[test]
    fn other_files_than_parquet_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        std::fs::write(&path, "{}").unwrap();

        assert!(rows(File::open(&path).unwrap()).is_err());
    }
}
