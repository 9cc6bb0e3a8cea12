package io.caskade.server.listener.redis.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.listener.redis.command.CommonSubsequence.Match;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The longest common subsequence, compared with one that is found by trying everything.
class CommonSubsequenceTest {

    private final Random random = new Random(7);

    private byte[] word() {
        byte[] word = new byte[random.nextInt(9)];
        for (int i = 0; i < word.length; i++) {
            word[i] = (byte) ('a' + random.nextInt(3));
        }
        return word;
    }

    private static int longest(byte[] first, byte[] second) {
        int longest = 0;
        for (int chosen = 0; chosen < 1 << first.length; chosen++) {
            int found = 0;
            int at = 0;
            boolean inBoth = true;
            for (int i = 0; i < first.length && inBoth; i++) {
                if ((chosen >> i & 1) != 0) {
                    while (at < second.length && second[at] != first[i]) {
                        at++;
                    }
                    inBoth = at++ < second.length;
                    found++;
                }
            }
            longest = inBoth ? Math.max(longest, found) : longest;
        }
        return longest;
    }

    @Test
    void noneIsLongerAndItsMatchesAreInBoth() {
        for (int i = 0; i < 500; i++) {
            byte[] first = word();
            byte[] second = word();

            CommonSubsequence common = CommonSubsequence.of(first, second);

            assertThat(common.bytes()).hasSize(longest(first, second));
            assertThat(joined(first, common.matches(), true)).isEqualTo(common.bytes());
            assertThat(joined(second, common.matches(), false)).isEqualTo(common.bytes());
        }
    }

    private static byte[] joined(byte[] text, List<Match> matches, boolean first) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (Match match : matches.reversed()) {
            int start = first ? match.firstStart() : match.secondStart();
            joined.writeBytes(Arrays.copyOfRange(text, start, start + match.length()));
        }
        return joined.toByteArray();
    }

    @Test
    void itsTableTakesFourBytesForEachPairOfPrefixes() {
        assertThat(CommonSubsequence.tableBytes(3, 9)).isEqualTo(160);
        assertThat(CommonSubsequence.tableBytes(Integer.MAX_VALUE, 0)).isEqualTo(4L << 31);
        assertThat(CommonSubsequence.of("abc".getBytes(US_ASCII), new byte[0]).bytes())
                .isEmpty();
    }
}
