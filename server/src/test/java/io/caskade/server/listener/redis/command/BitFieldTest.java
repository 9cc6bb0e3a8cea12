package io.caskade.server.listener.redis.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.listener.redis.command.BitField.Overflow;
import java.math.BigInteger;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Numbers of every width are written, read, and kept within their bounds.
class BitFieldTest {

    private final Random random = new Random(7);

    private BitField any() {
        boolean signed = random.nextBoolean();
        return BitField.parse(((signed ? "i" : "u") + (1 + random.nextInt(signed ? 64 : 63))).getBytes(US_ASCII));
    }

    private static BigInteger least(BitField field) {
        return field.signed() ? BigInteger.TWO.pow(field.bits() - 1).negate() : BigInteger.ZERO;
    }

    private static BigInteger most(BitField field) {
        return least(field).add(BigInteger.TWO.pow(field.bits())).subtract(BigInteger.ONE);
    }

    @Test
    void whatIsWrittenIsReadAndChangesNothingElse() {
        for (int i = 0; i < 2_000; i++) {
            BitField field = any();
            long number = Objects.requireNonNull(field.fit(random.nextLong(), Overflow.WRAP));
            int offset = random.nextInt(20);
            byte[] value = new byte[12];
            random.nextBytes(value);
            byte[] before = value.clone();

            field.write(value, offset, number);

            assertThat(field.read(value, offset)).isEqualTo(number);
            for (int bit = 0; bit < 96; bit++) {
                if (bit < offset || bit >= offset + field.bits()) {
                    assertThat(Bits.get(value, bit)).isEqualTo(Bits.get(before, bit));
                }
            }
        }
    }

    @Test
    void sumsWrapSaturateOrFail() {
        for (int i = 0; i < 2_000; i++) {
            BitField field = any();
            long number = Objects.requireNonNull(field.fit(random.nextLong(), Overflow.WRAP));
            long increment = random.nextBoolean() ? random.nextLong() : random.nextInt(5) - 2;
            BigInteger sum = BigInteger.valueOf(number).add(BigInteger.valueOf(increment));
            boolean fits = sum.compareTo(least(field)) >= 0 && sum.compareTo(most(field)) <= 0;
            BigInteger wrapped = sum.subtract(least(field))
                    .mod(BigInteger.TWO.pow(field.bits()))
                    .add(least(field));

            assertThat(field.sum(number, increment, Overflow.WRAP)).isEqualTo(wrapped.longValueExact());
            assertThat(field.sum(number, increment, Overflow.SAT))
                    .isEqualTo(sum.max(least(field)).min(most(field)).longValueExact());
            assertThat(field.sum(number, increment, Overflow.FAIL)).isEqualTo(fits ? sum.longValueExact() : null);
        }
    }

    @Test
    void aNegativeNumberIsVeryLargeForAFieldWithoutASign() {
        BitField field = BitField.parse("u8".getBytes(US_ASCII));

        assertThat(field.fit(-1, Overflow.WRAP)).isEqualTo(255);
        assertThat(field.fit(-256, Overflow.SAT)).isEqualTo(255);
        assertThat(field.fit(-1, Overflow.FAIL)).isNull();
    }
}
