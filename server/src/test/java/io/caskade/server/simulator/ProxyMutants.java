package io.caskade.server.simulator;

import java.util.List;

/// Mistakes in what passes requests on to other nodes.
final class ProxyMutants {

    private ProxyMutants() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.proxy(
                        "a request that was passed on is passed on again",
                        "ForwardingPlan",
                        "        return forwarded\n                || (image",
                        "        return (forwarded && image == null)\n                || (image"),
                Mutant.proxy(
                        "a write whose outcome is unknown is sent again",
                        "ForwardingPlan",
                        "if (kind == Kind.WRITE && failure.maybeReceived()) {",
                        "if (kind == Kind.WRITE && failure.maybeReceived() && now < 0) {"),
                Mutant.proxy(
                        "a write that a leader could not confirm is sent again",
                        "ForwardingPlan",
                        "!(elsewhere || refusal.reason().mayRetryElsewhere())",
                        "!(elsewhere || refusal.reason().mayRetryElsewhere() || refusal.reason() == Reason.OUTCOME_UNKNOWN)"),
                Mutant.proxy(
                        "a request that is passed on has all the time that its client gave",
                        "ForwardingPlan",
                        "new Step.Ask(node, kind == Kind.WRITE ? left :",
                        "new Step.Ask(node, kind == Kind.WRITE ? deadline :"),
                Mutant.proxy(
                        "a leader that was deposed is waited for to the end",
                        "ForwardedCall",
                        "pending.cancel().run();",
                        "pending.answer();"),
                Mutant.proxy(
                        "the bytes of a request that was passed on are not given back",
                        "ForwardedCall",
                        "        hold.release();\n",
                        "        hold.bytes();\n"),
                Mutant.proxy(
                        "a request goes on waiting when its leader is known",
                        "CommandProxy",
                        "        newest = image;\n        calls.values().forEach(ForwardedCall::wake);",
                        "        newest = image;"));
    }
}
