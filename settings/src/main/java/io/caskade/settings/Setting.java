package io.caskade.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Declares a record component as a setting, with its default, range and documentation.
///
/// The setting's name is the component's in kebab-case. Its type is one of `boolean`, `int`, `String`, an
/// enum, [java.time.Duration], [ByteSize], [HostPort], [HostPorts], [java.nio.file.Path], or
/// [java.util.Optional] of one of these, which an empty text leaves empty. Values in the annotation are
/// written as in a file: `5s`, `64MiB`.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

    /// The default.
    String value();

    /// The least value allowed; none when empty. Only for types that have an order.
    String min() default "";

    /// The greatest value allowed; none when empty. Only for types that have an order.
    String max() default "";

    /// A regular expression that the whole text must match; none when empty. Only for `String`.
    String pattern() default "";

    /// One line that says what the setting does, without its default and range.
    String doc();
}
