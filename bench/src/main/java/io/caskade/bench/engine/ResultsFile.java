package io.caskade.bench.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.Writer;
import java.util.List;

/// Writes rows as a JSON array of `{"workload", "engine", "value", "unit"}`. A row without a figure has the
/// value null, and `"absent"` says why.
final class ResultsFile {

    private static final double ROUNDING = 1e6;

    private ResultsFile() {}

    static void write(List<Row> rows, Writer to) throws IOException {
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
}
