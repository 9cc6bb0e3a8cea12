package io.caskade.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.api.v1.ErrorCode;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class CaskadeErrorsTest {

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"ERROR_CODE_UNSPECIFIED", "UNRECOGNIZED"})
    void everyCodeComesBackFromTheFailureItMade(ErrorCode code) {
        assertThat(CaskadeErrors.codeOf(CaskadeErrors.of(code, "why"))).isEqualTo(code);
    }

    @Test
    void theTrailerHoldsTheNameWithoutTheEnumsPrefix() {
        Metadata trailers = Objects.requireNonNull(
                Status.trailersFromThrowable(CaskadeErrors.of(ErrorCode.ERROR_CODE_NOT_LEADER, "why")));

        assertThat(trailers.get(Metadata.Key.of("caskade-error", Metadata.ASCII_STRING_MARSHALLER)))
                .isEqualTo("NOT_LEADER");
    }

    @Test
    void theStatusCarriesTheMessage() {
        StatusRuntimeException failure = CaskadeErrors.of(ErrorCode.ERROR_CODE_DISK_FULL, "no room in /data");

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(failure.getStatus().getDescription()).isEqualTo("no room in /data");
    }

    @Test
    void aCodeIsFoundInACause() {
        RuntimeException wrapped =
                new IllegalStateException(CaskadeErrors.of(ErrorCode.ERROR_CODE_BUSY, "too many bytes"));

        assertThat(CaskadeErrors.codeOf(wrapped)).isEqualTo(ErrorCode.ERROR_CODE_BUSY);
    }

    @Test
    void aFailureWithoutATrailerHasNoCode() {
        assertThat(CaskadeErrors.codeOf(Status.UNAVAILABLE.asRuntimeException()))
                .isEqualTo(ErrorCode.ERROR_CODE_UNSPECIFIED);
        assertThat(CaskadeErrors.codeOf(new IllegalStateException())).isEqualTo(ErrorCode.ERROR_CODE_UNSPECIFIED);
    }

    @ParameterizedTest
    @EnumSource(names = {"ERROR_CODE_UNSPECIFIED", "UNRECOGNIZED"})
    void aCodeThatSaysNothingCannotRefuseACall(ErrorCode code) {
        assertThatThrownBy(() -> CaskadeErrors.of(code, "why")).isInstanceOf(IllegalArgumentException.class);
    }
}
