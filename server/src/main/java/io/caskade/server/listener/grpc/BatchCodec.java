package io.caskade.server.listener.grpc;

import com.google.protobuf.ByteString;
import io.caskade.api.v1.BatchCommand;
import io.caskade.api.v1.BatchResult;
import io.caskade.api.v1.Refusal;
import io.caskade.api.v1.WriteBatchRequest;
import io.caskade.api.v1.WriteBatchResponse;
import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.WriteBatch;
import java.util.List;

/// Decodes batches and encodes their results. Pure.
final class BatchCodec {

    private BatchCodec() {}

    /// @throws CommandRefusedException when a command is missing
    static WriteBatch batch(WriteBatchRequest request) {
        return new WriteBatch(
                request.getChecksList().stream()
                        .map(check -> new WriteBatch.Check(
                                RequestCodec.bytes(check.getKey()), RequestCodec.condition(check.getCondition())))
                        .toList(),
                request.getCommandsList().stream().map(BatchCodec::command).toList());
    }

    private static Command command(BatchCommand command) {
        return switch (command.getCommandCase()) {
            case PUT -> RequestCodec.command(command.getPut());
            case DELETE -> RequestCodec.command(command.getDelete());
            case EXPIRE -> RequestCodec.command(command.getExpire());
            case PERSIST -> RequestCodec.command(command.getPersist());
            case INCREMENT -> RequestCodec.command(command.getIncrement());
            case COMPARE_AND_SET -> RequestCodec.command(command.getCompareAndSet());
            case COMMAND_NOT_SET ->
                throw new CommandRefusedException(Reason.INVALID_ARGUMENT, "a batch with an unknown command");
        };
    }

    static WriteBatchResponse response(WriteBatchRequest request, Answer<WriteBatch.Result> answer) {
        WriteBatch.Result result = answer.value();
        WriteBatchResponse.Builder response = WriteBatchResponse.newBuilder()
                .setApplied(result.applied())
                .setPosition(RequestCodec.position(answer))
                .setServedBy(RequestCodec.servedBy(answer));
        if (!result.applied()) {
            return response.setFailedCheck(result.failedCheck()).build();
        }
        List<WriteBatch.Outcome> outcomes = result.outcomes();
        for (int i = 0; i < outcomes.size(); i++) {
            response.addResults(result(request.getCommands(i), outcomes.get(i)));
        }
        return response.build();
    }

    private static BatchResult result(BatchCommand command, WriteBatch.Outcome outcome) {
        BatchResult.Builder result = BatchResult.newBuilder();
        switch (outcome) {
            case WriteBatch.Outcome.Refused(Reason reason, String message) ->
                result.setRefused(
                        Refusal.newBuilder().setCode(RequestCodec.code(reason)).setMessage(message));
            case WriteBatch.Outcome.Done(Command.Result done) -> {
                switch (command.getCommandCase()) {
                    case INCREMENT -> result.setIncrement(RequestCodec.incrementResponse(done));
                    case COMPARE_AND_SET ->
                        result.setCompareAndSet(RequestCodec.compareAndSetResponse(
                                command.getCompareAndSet().getKey(), done));
                    case PUT, DELETE, EXPIRE, PERSIST, COMMAND_NOT_SET ->
                        result.setWrite(RequestCodec.writeResponse(done));
                }
            }
        }
        return result.build();
    }

    /// The key that says which partition a batch is for; empty when it has none.
    static ByteString anyKey(WriteBatchRequest request) {
        if (request.getChecksCount() > 0) {
            return request.getChecks(0).getKey();
        }
        if (request.getCommandsCount() == 0) {
            return ByteString.EMPTY;
        }
        BatchCommand command = request.getCommands(0);
        return switch (command.getCommandCase()) {
            case PUT -> command.getPut().getKey();
            case DELETE -> command.getDelete().getKey();
            case EXPIRE -> command.getExpire().getKey();
            case PERSIST -> command.getPersist().getKey();
            case INCREMENT -> command.getIncrement().getKey();
            case COMPARE_AND_SET -> command.getCompareAndSet().getKey();
            case COMMAND_NOT_SET -> ByteString.EMPTY;
        };
    }
}
