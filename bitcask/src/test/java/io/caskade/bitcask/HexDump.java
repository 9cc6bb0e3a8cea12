package io.caskade.bitcask;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.Locale;

/// Bytes as `hexdump -C` prints them.
public final class HexDump {

    private static final int BYTES_PER_LINE = 16;

    private HexDump() {}

    /// The dump of some bytes.
    public static String of(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int from = 0; from < bytes.length; from += BYTES_PER_LINE) {
            StringBuilder hex = new StringBuilder();
            StringBuilder characters = new StringBuilder();
            for (int at = from; at < Math.min(from + BYTES_PER_LINE, bytes.length); at++) {
                hex.append(at % 8 == 0 && at > from ? "  " : " ")
                        .append(HexFormat.of().toHexDigits(bytes[at]));
                characters.append(bytes[at] >= ' ' && bytes[at] < 0x7f ? (char) bytes[at] : '.');
            }
            text.append(String.format(Locale.ROOT, "%08x %-49s  |%s|%n", from, hex, characters)
                    .replace(System.lineSeparator(), "\n"));
        }
        return text.toString();
    }

    /// The bytes of a dump.
    public static byte[] parse(String dump) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        dump.lines()
                .map(line -> line.substring(9, line.indexOf('|')).replace(" ", ""))
                .forEach(hex -> bytes.writeBytes(HexFormat.of().parseHex(hex)));
        return bytes.toByteArray();
    }
}
