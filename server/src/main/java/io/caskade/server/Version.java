package io.caskade.server;

/// The version of this release, from the JAR.
final class Version {

    private Version() {}

    /// The version; `development` when the classes do not come from a JAR.
    static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
