package io.caskade.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// What a node says of its limit of open files.
final class OpenFilesNeedTest {

    private final OpenFilesNeed need = new OpenFilesNeed(64);

    @Test
    void aLimitThatIsTooSmallIsNamedWithTheNeed() {
        assertThat(need.shortageAt(OptionalLong.of(512)))
                .hasValueSatisfying(text -> assertThat(text).contains("512").contains(String.valueOf(need.files())));
    }

    @Test
    void nothingIsSaidOfALimitThatIsEnoughOrNotKnown() {
        assertThat(need.shortageAt(OptionalLong.of(need.files()))).isEmpty();
        assertThat(need.shortageAt(OptionalLong.empty())).isEmpty();
    }

    @Test
    void eachPartitionNeedsMore() {
        assertThat(new OpenFilesNeed(65).files()).isGreaterThan(need.files());
    }
}
