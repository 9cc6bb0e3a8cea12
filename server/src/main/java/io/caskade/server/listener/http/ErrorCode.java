package io.caskade.server.listener.http;

import io.caskade.server.command.CommandRefusedException.Reason;
import io.netty.handler.codec.http.HttpResponseStatus;

/// The codes of error bodies, and their statuses.
enum ErrorCode {
    /// The request is malformed, or something in it is outside its limits; nothing was done.
    INVALID_ARGUMENT(400),
    /// A web page of another origin sent the request; nothing was done.
    FOREIGN_ORIGIN(403),
    /// There is no such record, or no such resource.
    NOT_FOUND(404),
    /// The resource has no such method; nothing was done.
    METHOD_NOT_ALLOWED(405),
    /// None of the media types in Accept can be sent.
    NOT_ACCEPTABLE(406),
    /// The record's value is not what the operation needs; nothing was done.
    WRONG_VALUE(409),
    /// The counter and what is added make no 64-bit number; nothing was done.
    OVERFLOW(409),
    /// The read demands a record that the partition's log does not contain; nothing was done.
    CONTEXT_LOST(409),
    /// If-Match or If-None-Match does not hold; nothing was done.
    CONDITION_FAILED(412),
    /// The body or its value is longer than `storage.max-value-size` allows; nothing was done.
    VALUE_TOO_LARGE(413),
    /// The request target is too long; nothing was done.
    TARGET_TOO_LONG(414),
    /// The body's media type is none that the resource takes; nothing was done.
    UNSUPPORTED_MEDIA_TYPE(415),
    /// Expect names something else than 100-continue; nothing was done.
    EXPECTATION_FAILED(417),
    /// The header fields are too long; nothing was done.
    HEADERS_TOO_LARGE(431),
    /// A defect of the node; its log says more.
    INTERNAL(500),
    /// This node does not lead the key's partition; nothing was done.
    NOT_LEADER(503),
    /// The node or the partition's leader does not serve yet or no longer; nothing was done.
    NOT_SERVING(503),
    /// Too few in-sync copies answer; nothing was done.
    NOT_ENOUGH_REPLICAS(503),
    /// The replica has not applied what the read demands; nothing was done.
    BEHIND_CONTEXT(503),
    /// Too many bytes are in flight; nothing was done.
    BUSY(503),
    /// The copy is damaged or its disk failed; a write may have been applied, and then the status is 504.
    COPY_FENCED(503),
    /// The write may have been applied, or may still be.
    OUTCOME_UNKNOWN(504),
    /// The disk is full; nothing was done.
    DISK_FULL(507),
    /// The keys have all the memory that `limits.keydir` allows; nothing was done.
    KEYDIR_FULL(507);

    private final int status;

    ErrorCode(int status) {
        this.status = status;
    }

    HttpResponseStatus status() {
        return HttpResponseStatus.valueOf(status);
    }

    static ErrorCode of(Reason reason) {
        return switch (reason) {
            case INVALID_ARGUMENT -> INVALID_ARGUMENT;
            case WRONG_VALUE -> WRONG_VALUE;
            case OVERFLOW -> OVERFLOW;
            case NOT_LEADER -> NOT_LEADER;
            case NOT_SERVING -> NOT_SERVING;
            case NOT_ENOUGH_REPLICAS -> NOT_ENOUGH_REPLICAS;
            case BUSY -> BUSY;
            case DISK_FULL -> DISK_FULL;
            case KEYDIR_FULL -> KEYDIR_FULL;
            case OUTCOME_UNKNOWN -> OUTCOME_UNKNOWN;
            case COPY_FENCED -> COPY_FENCED;
            case BEHIND_CONTEXT -> BEHIND_CONTEXT;
            case CONTEXT_LOST -> CONTEXT_LOST;
        };
    }
}
