package io.caskade.client;

import io.caskade.api.CaskadeErrors;
import io.caskade.api.v1.ErrorCode;
import org.jspecify.annotations.Nullable;

/// A node refused the operation. Nothing was written.
public final class RefusedException extends CaskadeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    RefusedException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /// Why, as the contract names it; `ERROR_CODE_UNSPECIFIED` when the refusal is not one of the contract's.
    public ErrorCode code() {
        return code;
    }

    /// The code's name without the enum's prefix: `WRONG_VALUE`.
    public String codeName() {
        return CaskadeErrors.nameOf(code);
    }

    @Override
    RefusedException withCallerStackTrace() {
        return new RefusedException(code, getMessage(), this);
    }
}
