/**
 * Servers as predictive models: the OpenAI completions protocol, and what llama.cpp's own adds to it.
 *
 * <p>{@link dev.credence.endpoint.EndpointModel} is the entry. At opening it asks the server what it is, draws a text, has it scored, and
 * refuses what the answers contradict; after that every answer is checked, since servers ignore in silence what they do not know. What a
 * server cannot give is refused by name and never guessed.
 */
@NullMarked
package dev.credence.endpoint;

import org.jspecify.annotations.NullMarked;
