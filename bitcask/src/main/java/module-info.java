/// The storage engine as a library. A program on the module path reaches [io.caskade.bitcask] alone.
module io.caskade.bitcask {
    requires com.dynatrace.hash4j;
    requires com.github.benmanes.caffeine;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports io.caskade.bitcask;
}
