"""Silence (途絶) and blindness (監視不能): who says nothing, taken together by its cause, and what nobody sees.

What silence is, is said by the figures of the pages; here it becomes events, from the moment the patience ran out.
"""
