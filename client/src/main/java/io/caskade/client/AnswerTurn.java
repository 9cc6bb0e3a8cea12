package io.caskade.client;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The handing out of one message's answers by one thread. What those who are answered ask for next, of whichever
/// node, goes out together when all have heard: one message for each node instead of one for each call.
///
/// For the thread that runs it alone.
final class AnswerTurn {

    private static final ThreadLocal<@Nullable AnswerTurn> CURRENT = new ThreadLocal<>();

    private final List<PipelineStream> waiting = new ArrayList<>();

    private AnswerTurn() {}

    /// Hands out answers; every stream that was put off meanwhile writes at the end.
    static void run(Runnable handingOut) {
        AnswerTurn turn = new AnswerTurn();
        CURRENT.set(turn);
        try {
            handingOut.run();
        } finally {
            CURRENT.remove();
            turn.waiting.forEach(PipelineStream::write);
        }
    }

    /// Puts a stream's writing off to the end of the turn that the calling thread is in.
    ///
    /// @return false when it is in none
    static boolean putOff(PipelineStream stream) {
        AnswerTurn turn = CURRENT.get();
        if (turn == null) {
            return false;
        }
        if (!turn.waiting.contains(stream)) {
            turn.waiting.add(stream);
        }
        return true;
    }
}
