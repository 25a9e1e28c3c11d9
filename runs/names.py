"""Two-word names for runs that were given none."""

from __future__ import annotations

import random

_ADJECTIVES = """
able amber ample aware azure blithe bold bonny brave breezy bright brisk calm candid
cheery civil clear clever cosmic crimson crisp curious daring deft dusky eager early
earnest easy electric fair fancy fearless fine fleet fluent fond frank fresh gentle
glad gleaming golden grand green hardy hasty hearty humble ideal indigo jolly keen
kind lively loyal lucid lucky lunar mellow merry mighty mild modest neat nimble
noble opal orderly patient placid plucky polite prime proud quick quiet rapid ready
rosy ruby rustic sage scarlet serene sharp shiny silent silver sincere sleek smooth
snug solar solid sonic spry steady stellar still stout sturdy sunny sure swift tame
tawny tidy tiny topaz tranquil true upbeat urban valiant vast velvet vivid warm wily
wise witty zesty
"""
_ANIMALS = """
adder albatross ant antelope ape auk avocet badger bat bear beaver bee beetle bison
bittern boar bobcat bream buck bullfinch bunting camel caracal caribou carp cat
chamois cheetah chough cobra cod condor coot coral cougar crab crane cricket crow
curlew deer dingo dipper dodo dog dolphin dormouse dove dragon drake dunlin eagle
eel egret eland elk emu ermine falcon ferret finch firefly flamingo fox frog gannet
gazelle gecko gibbon goat goose grebe grouse gull hamster hare hawk hedgehog heron
herring hippo hornet horse ibex ibis iguana impala jackal jay kite kiwi koala lark
lemur leopard linnet lion lizard llama lobster loon lynx macaw magpie mallard mantis
marlin marmot marten mink mole mongoose moose moth mouse mule newt ocelot octopus
okapi osprey otter owl ox oyster panda parrot pelican penguin perch pheasant pika
pike plover pony puffin puma python quail rabbit raccoon ram raven robin rook salmon
seal shark sheep shrew shrike skink skunk sloth snail snipe sparrow spider squid
stag starling stoat stork swan swift tapir teal tern thrush tiger toad trout tuna
turtle viper vole walrus warbler wasp weasel whale wolf wombat wren yak zebra
"""
_FIRST, _SECOND = _ADJECTIVES.split(), _ANIMALS.split()


def run_name() -> str:
    """For instance `vivid-stoat`."""
    one, two = random.random(), random.random()  # noqa: S311 - no secret
    return f"{_FIRST[int(one * len(_FIRST))]}-{_SECOND[int(two * len(_SECOND))]}"
