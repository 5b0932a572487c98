package dev.credence.methods;

/**
 * An option of a method, as the command line shows it.
 *
 * @param name without the dashes, such as {@code beta}
 * @param standard the value when it is not given; empty where there is none, and the help says what happens then
 * @param help what it does, one line
 */
public record MethodOption(String name, String standard, String help) {
    /** {@return whether it is given without a value: its standard is {@code false}} */
    public boolean isFlag() {
        return standard.equals("false");
    }
}
