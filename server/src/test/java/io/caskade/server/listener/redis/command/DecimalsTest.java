package io.caskade.server.listener.redis.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The numbers of `INCRBYFLOAT`.
class DecimalsTest {

    private static BigDecimal parse(String text) {
        return Decimals.parse(text.getBytes(ISO_8859_1));
    }

    @ParameterizedTest
    @CsvSource({
        "5.0e3, 200, 5200",
        "10.5, 0.1, 10.6",
        "10.6, -5, 5.6",
        "0.1, 0.2, 0.3",
        "3, -3, 0",
        "1e17, 1, 100000000000000001",
        ".5, 1., 1.5",
        "+1, 1, 2",
        "1e-18, 0, 0"
    })
    void sumsAreExactToSeventeenPlaces(String number, String delta, String sum) {
        assertThat(Decimals.format(parse(number).add(parse(delta)))).isEqualTo(sum);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", " 1", "1 ", "1e", "--1", "1e999999", "1e-999999", "nan", "0x10", "."})
    void whatIsNoNumberIsRefused(String text) {
        assertThatThrownBy(() -> parse(text)).hasMessage("ERR value is not a valid float");
    }

    @Test
    void infinityIsRefused() {
        assertThatThrownBy(() -> parse("-Inf")).hasMessage("ERR increment would produce NaN or Infinity");
    }
}
