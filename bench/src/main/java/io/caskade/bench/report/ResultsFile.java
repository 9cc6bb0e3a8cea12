package io.caskade.bench.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rows as a JSON array of `{"workload", "engine", "value", "unit"}`. A row without a figure has the value
/// null, and `"absent"` says why.
public final class ResultsFile {

    private static final double ROUNDING = 1e6;

    private ResultsFile() {}

    /// Writes rows and closes the writer.
    public static void write(List<Row> rows, Writer to) throws IOException {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
        printer.indentObjectsWith(new DefaultPrettyPrinter.FixedSpaceIndenter());
        try (JsonGenerator json = new JsonFactory().createGenerator(to)) {
            json.setPrettyPrinter(printer);
            json.writeStartArray();
            for (Row row : rows) {
                write(row, json);
            }
            json.writeEndArray();
            json.writeRaw('\n');
        }
    }

    private static void write(Row row, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("workload", row.workload());
        json.writeStringField("engine", row.engine());
        Double value = row.value();
        if (value == null) {
            json.writeNullField("value");
        } else {
            json.writeNumberField("value", Math.round(value * ROUNDING) / ROUNDING);
        }
        json.writeStringField("unit", row.unit());
        if (value == null) {
            json.writeStringField("absent", row.absent());
        }
        json.writeEndObject();
    }

    /// Reads what [#write] wrote, and closes the reader.
    ///
    /// @throws IOException when it is anything else
    public static List<Row> read(Reader from) throws IOException {
        List<Row> rows = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(from)) {
            expect(JsonToken.START_ARRAY, json);
            while (json.nextToken() != JsonToken.END_ARRAY) {
                rows.add(row(json));
            }
        }
        return rows;
    }

    private static Row row(JsonParser json) throws IOException {
        String workload = "";
        String engine = "";
        @Nullable Double value = null;
        String unit = "";
        String absent = "";
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken token = json.nextToken();
            switch (field) {
                case "workload" -> workload = json.getText();
                case "engine" -> engine = json.getText();
                case "value" -> value = token == JsonToken.VALUE_NULL ? null : json.getDoubleValue();
                case "unit" -> unit = json.getText();
                case "absent" -> absent = json.getText();
                default -> throw new IOException("not a file of results: " + field);
            }
        }
        return new Row(workload, engine, value, unit, absent);
    }

    private static void expect(JsonToken expected, JsonParser json) throws IOException {
        if (json.nextToken() != expected) {
            throw new IOException("not a file of results: it does not begin with a list");
        }
    }
}
