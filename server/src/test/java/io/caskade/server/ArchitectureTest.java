package io.caskade.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Timer;
import java.util.UUID;
import java.util.concurrent.Executor;

/// Which arrows between packages there may be, and which there may not. An arrow that one of these rules
/// forbids is a change of the design: it takes a decision record, not an exception here.
@AnalyzeClasses(packages = "io.caskade", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "io.caskade.server";
    private static final String[] PURE = {
        "io.caskade.server.replica..",
        "io.caskade.server.controller..",
        "io.caskade.server.command..",
        "io.caskade.server.cluster.."
    };

    @ArchTest
    static final ArchRule decisionsKnowNoNetworkNoCoordinationServiceAndNoFiles = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.grpc..",
                    "io.netty..",
                    "org.apache.curator..",
                    "org.apache.zookeeper..",
                    "java.net..",
                    "java.nio.channels..",
                    "java.nio.file..")
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching("java\\.io\\.(File|RandomAccess).*")
            .because("they are driven by events, so that a simulation can drive them too")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule decisionsStartNoThreads = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Executor.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Timer.class)
            .because("each belongs to the one loop that calls it")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule decisionsReadNoClocks = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .because("time comes in with each event")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyTheZooKeeperPackageKnowsZooKeeper = noClasses()
            .that()
            .resideInAPackage("io.caskade.server..")
            .and()
            .resideOutsideOfPackage("io.caskade.server.zookeeper..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.curator..", "org.apache.zookeeper..")
            .because("others use the Coordinator, which can be simulated");

    @ArchTest
    static final ArchRule onlyTheEdgesKnowGrpc = noClasses()
            .that()
            .resideInAPackage("io.caskade.server..")
            .and()
            .resideOutsideOfPackages(ROOT, "io.caskade.server.listener..", "io.caskade.server.transport..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..")
            .because("a listener only translates its protocol into commands and back");

    @ArchTest
    static final ArchRule nothingKnowsTheRoot = noClasses()
            .that()
            .resideInAPackage("io.caskade.server.(*)..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT)
            .because("the root composes the packages, and nothing else knows everyone");

    @ArchTest
    static final ArchRule hostedPartitionsKnowOnlyWhatCanBeSimulated = noClasses()
            .that()
            .resideInAPackage("io.caskade.server.partition..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.caskade.server.zookeeper..",
                    "io.caskade.server.config..",
                    "io.caskade.server.controller..",
                    "io.caskade.server.listener..",
                    "io.netty..",
                    "java.net..",
                    "java.nio.channels..")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .because("the simulator runs them as they are, on virtual time");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.caskade.server.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theEngineKnowsNothingOfServers = noClasses()
            .that()
            .resideInAPackage("io.caskade.bitcask..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.caskade.server..",
                    "io.caskade.api..",
                    "io.caskade.client..",
                    "io.caskade.settings..",
                    "io.grpc..",
                    "io.netty..",
                    "org.apache.curator..",
                    "org.apache.zookeeper..")
            .because("it is a library of its own")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule nobodySleeps = noClasses()
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Thread.class, "sleep", Duration.class)
            .because("whatever is waited for can be awaited");
}
