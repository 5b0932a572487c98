package dev.credence.methods;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A component of a settings record that can be set: the one place that says what it is called, what it means and what it may
 * be. Cards, the command line, YAML and JSON are made from it; its default is the value in the record's standard instance.
 */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Setting {
    /**
     * {@return what it does, one line; the name of another setting stands in braces, such as <code>{steps}</code>}
     */
    String help();

    /** {@return the name outside Java; without one the component's in kebab case, so that clipHigh is clip-high} */
    String name() default "";

    /** {@return what it is counted in, such as nats; empty for a pure number or a word} */
    String unit() default "";

    /** {@return the values it may have} */
    Range range() default Range.NUMBER;
}
