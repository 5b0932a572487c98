/**
 * Chat templates: lists of messages to the text that a model reads, by the folder's own template ({@link
 * dev.credence.hub.chat.ChatTemplate}). The templates' language is the part of Jinja that they are written in, with the
 * settings that they are rendered with elsewhere; whatever is outside it is refused by name, never rendered as nothing.
 * Reading order: {@code ChatTemplate}, {@code TemplateLexer}, {@code TemplateParser}, {@code ExpressionParser}; then what
 * values do: {@code Values}, {@code Filters}, {@code Tests}, {@code TemplateMethods}.
 */
@NullMarked
package dev.credence.hub.chat;

import org.jspecify.annotations.NullMarked;
