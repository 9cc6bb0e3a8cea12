package io.caskade.client;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.PROTECTED;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.stream.Stream;

/// The client's packages depend on each other in one direction, and its API exposes none of its internals.
@AnalyzeClasses(packages = "io.caskade.client", importOptions = ImportOption.DoNotIncludeTests.class)
class ClientArchitectureTest {

    private static final String API = "io.caskade.client";
    private static final String CALL = "io.caskade.client.call..";
    private static final String ROUTING = "io.caskade.client.routing..";

    /// What the signatures of the API may not mention besides the client's own internals.
    private static final String[] INTERNAL = {
        CALL,
        ROUTING,
        "io.grpc..",
        "io.netty..",
        "com.google.protobuf..",
        "org.apache.curator..",
        "org.apache.zookeeper.."
    };

    @ArchTest
    static final ArchRule routingKnowsNeitherCallsNorTheApi = noClasses()
            .that()
            .resideInAPackage(ROUTING)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(API, CALL)
            .because("it only reads from ZooKeeper which node leads what");

    @ArchTest
    static final ArchRule callsDoNotKnowTheApi = noClasses()
            .that()
            .resideInAPackage(CALL)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(API)
            .because("the API turns failures and messages into its own types");

    @ArchTest
    static final ArchRule onlyRoutingKnowsCurator = noClasses()
            .that()
            .resideOutsideOfPackage(ROUTING)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.curator..")
            .because("others ask the ClusterMetadataCache");

    @ArchTest
    static final ArchRule onlyCallsKnowGrpcChannels = noClasses()
            .that()
            .resideOutsideOfPackage(CALL)
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.grpc..", "io.netty..")
                    .and(JavaClass.Predicates.simpleNameContaining("Channel")))
            .because("others pass a CallSpec");

    @ArchTest
    static final ArchRule theApiExposesNoInternals =
            classes().that().resideInAPackage(API).and().arePublic().should(exposeNoInternals());

    private static ArchCondition<JavaClass> exposeNoInternals() {
        return new ArchCondition<>("mention no internal type in a public signature") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                type.getMembers().stream()
                        .filter(member -> member.getModifiers().contains(PUBLIC)
                                || member.getModifiers().contains(PROTECTED))
                        .forEach(member -> mentioned(member)
                                .flatMap(mentioned -> mentioned.getAllInvolvedRawTypes().stream())
                                .filter(resideInAnyPackage(INTERNAL))
                                .forEach(internal -> events.add(SimpleConditionEvent.violated(
                                        member, member.getFullName() + " mentions " + internal.getName()))));
                Stream.concat(type.getAllRawSuperclasses().stream(), type.getAllRawInterfaces().stream())
                        .filter(resideInAnyPackage(INTERNAL))
                        .forEach(internal -> events.add(SimpleConditionEvent.violated(
                                type, type.getName() + " extends " + internal.getName())));
            }
        };
    }

    private static Stream<JavaType> mentioned(JavaMember member) {
        return switch (member) {
            case JavaField field -> Stream.of(field.getType());
            case JavaCodeUnit code ->
                Stream.concat(
                        Stream.of(code.getReturnType()),
                        Stream.concat(code.getParameterTypes().stream(), code.getExceptionTypes().stream()));
            default -> Stream.empty();
        };
    }
}
