package io.caskade.server.listener.http;

import io.caskade.server.command.Command.Condition;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/// The conditions of writes in If-Match and If-None-Match. What cannot be expressed is refused rather than
/// ignored: a condition that is not kept must not be taken for one that is. Pure.
final class WriteCondition {

    private WriteCondition() {}

    /// The condition of a PUT.
    ///
    /// @throws HttpFailure when it is malformed, not supported, or can never hold
    static Condition ofPut(HttpHeaders headers) {
        EntityTags none = EntityTags.in(headers, HttpHeaderNames.IF_NONE_MATCH);
        if (none == null) {
            return ofMatch(EntityTags.in(headers, HttpHeaderNames.IF_MATCH));
        }
        if (!none.any()) {
            throw HttpFailure.invalid("If-None-Match of a PUT takes * alone: write only if there is no record");
        }
        if (headers.contains(HttpHeaderNames.IF_MATCH)) {
            throw HttpFailure.invalid("If-Match and If-None-Match together: a PUT takes one of them");
        }
        return new Condition.Absent();
    }

    /// The condition of a DELETE.
    ///
    /// @throws HttpFailure when it is malformed, not supported, or can never hold
    static Condition ofDelete(HttpHeaders headers) {
        if (headers.contains(HttpHeaderNames.IF_NONE_MATCH)) {
            throw HttpFailure.invalid("a DELETE takes If-Match, not If-None-Match");
        }
        return ofMatch(EntityTags.in(headers, HttpHeaderNames.IF_MATCH));
    }

    /// @throws HttpFailure when there is a condition, which an increment cannot have
    static void requireNone(HttpHeaders headers) {
        if (headers.contains(HttpHeaderNames.IF_MATCH) || headers.contains(HttpHeaderNames.IF_NONE_MATCH)) {
            throw HttpFailure.invalid("op=incr takes neither If-Match nor If-None-Match");
        }
    }

    private static Condition ofMatch(@Nullable EntityTags tags) {
        if (tags == null) {
            return new Condition.None();
        }
        if (tags.any()) {
            return new Condition.Present();
        }
        if (tags.tags().size() > 1) {
            throw HttpFailure.invalid("If-Match of a write takes * or one entity tag, as \"12\"");
        }
        EntityTags.Tag tag = tags.tags().getFirst();
        if (tag.weak() || tag.version().isEmpty()) {
            throw failed("If-Match names no version, and so matches no record");
        }
        return new Condition.Version(tag.version().getAsLong());
    }

    static HttpFailure failed(String message) {
        return new HttpFailure(ErrorCode.CONDITION_FAILED, message + "; nothing was done");
    }
}
