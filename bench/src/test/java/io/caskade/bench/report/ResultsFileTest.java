package io.caskade.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultsFileTest {

    @Test
    void resultsRoundTrip() throws IOException {
        List<Row> rows = List.of(
                new Row("put-1", "caskade", 2600.5, "op/s", ""),
                new Row("read-cold", "lmdb", null, "op/s", "no memory"));
        StringWriter written = new StringWriter();
        ResultsFile.write(rows, written);

        assertThat(ResultsFile.read(new StringReader(written.toString()))).isEqualTo(rows);
    }

    @Test
    void anotherFileIsRefused() {
        assertThatThrownBy(() -> ResultsFile.read(new StringReader("{}"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ResultsFile.read(new StringReader("[{\"name\": 1}]")))
                .hasMessageContaining("name");
    }
}
