package io.caskade.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Declares a record component as a section: its type is a record of settings and sections, and its name in
/// kebab-case is the key they nest under.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Section {

    /// One line that says what the settings of the section are about.
    String value();
}
