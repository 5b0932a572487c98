package dev.credence.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which implementations a test that inherits a contract suite is about. The suite holds the names against what it is given, and
 * {@code ContractsTest} finds by them the implementations that no suite is about.
 */
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface ContractOf {
    /** {@return simple names of the implementations, all of them} */
    String[] value();

    /** Holds what a suite was given against what its test names. */
    final class Check {
        private Check() {}

        /**
         * Fails unless the classes given are those named.
         *
         * @param test the test that inherits the suite; one that names nothing is a test of a fake
         * @param given what it was given
         */
        public static void namesAre(Class<?> test, Stream<?> given) {
            ContractOf names = test.getAnnotation(ContractOf.class);
            if (names != null) {
                assertThat(given.map(one -> one.getClass().getSimpleName()).collect(Collectors.toSet()))
                        .as("implementations that %s gives the suite", test.getSimpleName())
                        .containsExactlyInAnyOrder(names.value());
            }
        }
    }
}
